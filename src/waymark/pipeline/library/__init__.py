"""Records of the library: cataloguing, import, publication, links, the index and the data files."""
