"""TrackSensei: measures a finished mix, shows the evidence and forgets the upload."""
