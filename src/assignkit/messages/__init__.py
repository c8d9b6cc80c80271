"""All that the library says to people, in English and Chinese: one catalogue, a file for each subject."""
