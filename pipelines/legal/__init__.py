"""Official documents (văn bản): what pages and lists of them say of each."""
