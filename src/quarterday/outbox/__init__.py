"""Post room: messages wait, are sent, are retried. It sends what it holds and knows no bills."""
