"""Sample data: projects, people, gifts and exchange rates, plainly labelled as samples."""
