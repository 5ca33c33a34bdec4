"""Process economics of cell therapies: quantities first, then money."""
