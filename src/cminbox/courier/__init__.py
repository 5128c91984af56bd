"""The sync process: brings comments in, takes answers out, and knows at every moment what may have happened.

``run`` is the whole of it, ``scheduler`` decides when a channel is asked, ``ingest`` takes in, ``sender`` delivers,
``importing`` reads files. One courier works on a store at a time, told by a lease and its fence.
"""
