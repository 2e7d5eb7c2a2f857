"""What the database itself refuses, on both engines.

The lines of an entry are written first, then the entry: its insert is refused unless at least two
lines exist and sum to zero in each currency. From then on the entry is sealed. On PostgreSQL a
second session could slip a line in while the entry is being written, so a deferred constraint
trigger sums again at the commit. On SQLite REPLACE passes delete triggers unless they recurse, so
an id that exists is refused before the insert as well.
"""

SQLITE = {
    "ashar_entry_balanced": """
CREATE TRIGGER ashar_entry_balanced BEFORE INSERT ON ashar_entry BEGIN
  SELECT RAISE(ABORT, 'book: this entry exists')
    WHERE EXISTS (SELECT 1 FROM ashar_entry WHERE id = NEW.id);
  SELECT RAISE(ABORT, 'book: an entry has at least two lines')
    WHERE (SELECT count(*) FROM ashar_line WHERE entry_id = NEW.id) < 2;
  SELECT RAISE(ABORT, 'book: an entry sums to zero in each currency')
    WHERE EXISTS (SELECT 1 FROM ashar_line WHERE entry_id = NEW.id
                  GROUP BY currency HAVING sum(minor) <> 0);
END""",
    "ashar_line_sealed": """
CREATE TRIGGER ashar_line_sealed BEFORE INSERT ON ashar_line BEGIN
  SELECT RAISE(ABORT, 'book: this entry is sealed')
    WHERE EXISTS (SELECT 1 FROM ashar_entry WHERE id = NEW.entry_id);
  SELECT RAISE(ABORT, 'book: this line exists')
    WHERE EXISTS (SELECT 1 FROM ashar_line WHERE entry_id = NEW.entry_id AND no = NEW.no);
END""",
    **{
        f"{table}_no_{verb}": f"""
CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} BEGIN
  SELECT RAISE(ABORT, 'book: no {verb} of what was booked');
END"""
        for table in ("ashar_entry", "ashar_line")
        for verb in ("update", "delete")
    },
}

POSTGRESQL_FUNCTIONS = {
    "ashar_entry_balanced": """
CREATE FUNCTION ashar_entry_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT count(*) FROM ashar_line WHERE entry_id = NEW.id) < 2 THEN
    RAISE EXCEPTION 'book: an entry has at least two lines';
  END IF;
  IF EXISTS (SELECT 1 FROM ashar_line WHERE entry_id = NEW.id
             GROUP BY currency HAVING sum(minor) <> 0) THEN
    RAISE EXCEPTION 'book: an entry sums to zero in each currency';
  END IF;
  RETURN NEW;
END $$""",
    "ashar_line_sealed": """
CREATE FUNCTION ashar_line_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM ashar_entry WHERE id = NEW.entry_id) THEN
    RAISE EXCEPTION 'book: this entry is sealed';
  END IF;
  RETURN NEW;
END $$""",
    "ashar_line_balanced": """
CREATE FUNCTION ashar_line_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM ashar_line WHERE entry_id = NEW.entry_id
             GROUP BY currency HAVING sum(minor) <> 0) THEN
    RAISE EXCEPTION 'book: an entry sums to zero in each currency';
  END IF;
  RETURN NULL;
END $$""",
    "ashar_book_refuse": """
CREATE FUNCTION ashar_book_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'book: no % of what was booked', lower(TG_OP);
END $$""",
}

POSTGRESQL = {
    "ashar_entry_balanced": """
CREATE TRIGGER ashar_entry_balanced BEFORE INSERT ON ashar_entry
  FOR EACH ROW EXECUTE FUNCTION ashar_entry_balanced()""",
    "ashar_line_sealed": """
CREATE TRIGGER ashar_line_sealed BEFORE INSERT ON ashar_line
  FOR EACH ROW EXECUTE FUNCTION ashar_line_sealed()""",
    "ashar_line_balanced": """
CREATE CONSTRAINT TRIGGER ashar_line_balanced AFTER INSERT ON ashar_line
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ashar_line_balanced()""",
    **{
        f"{table}_no_change": f"""
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION ashar_book_refuse()"""
        for table in ("ashar_entry", "ashar_line")
    },
    **{
        f"{table}_no_truncate": f"""
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION ashar_book_refuse()"""
        for table in ("ashar_entry", "ashar_line")
    },
}


def statements(dialect: str) -> list[str]:
    """Return the statements that install the guards on an engine."""
    if dialect == "sqlite":
        return list(SQLITE.values())
    return [*POSTGRESQL_FUNCTIONS.values(), *POSTGRESQL.values()]
