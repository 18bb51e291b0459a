"""How the product starts, stops, listens, tells and heals, with its real parts."""
