"""Version of the model archive's format; an archive of another version must be trained again."""

FORMAT = 4
