-- A wallet is closed only when nothing of what it has paid is under way.
CREATE INDEX todo_stream ON command.todo (stream);
