# conf: what an operator edits.
