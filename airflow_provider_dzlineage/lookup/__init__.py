"""What only AWS can tell about the names that producers write."""
