"""Reading Live sets: the stream and its budget, and each part of the model."""
