"""Bank statements: bytes in, statements with their lines out. Nothing here knows a model.

Each format is a function `read(file) -> Iterator[Begin | Line | End]`: a file may hold several
statements, each begins with what heads it and ends with its closing balance. Nothing is kept of
what went by, so that a file of a million lines is read in the memory of one of its lines.
"""
