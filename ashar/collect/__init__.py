"""The collector's desk: slips, what they hold, handing in; and the page of a slip's code."""
