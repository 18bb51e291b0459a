"""Sets of every version, made of the model that they should be read as."""
