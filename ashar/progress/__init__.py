"""What becomes of a project once it is public: updates, what people say to them, what is amiss."""
