"""The conversation about a report: questions, answers that stream, and what is sent for them."""
