"""The rules of a site, from its settings: which transforms run, and what they have to know or look up."""
