"""One machine's Prefect: its server, its served flows and the console, under one supervisor."""
