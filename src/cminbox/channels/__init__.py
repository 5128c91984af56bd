"""One file a platform. A connector reads, sends and reads back; it knows no store. The protocol is in ``base``."""
