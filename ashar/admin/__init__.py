"""The administrators' pages: people, their roles, who wants to lead."""
