-- Times are microseconds since 1970 in UTC. What a person wrote or is called lies in item_text, item_raw, author,
-- own_message, outgoing, draft and quarantine, which can be erased; the log holds digests only.

CREATE TABLE log (
    n     INTEGER PRIMARY KEY,
    at    TEXT NOT NULL,
    actor TEXT NOT NULL,
    kind  TEXT NOT NULL,
    item  INTEGER,
    data  TEXT NOT NULL,
    hash  TEXT NOT NULL
) STRICT;

-- what people said with a line of the log: apart from it, so that it can be erased
CREATE TABLE remark (
    n     INTEGER PRIMARY KEY REFERENCES log (n),
    words TEXT NOT NULL,
    salt  TEXT NOT NULL
) STRICT;
CREATE INDEX log_item ON log (item, n) WHERE item IS NOT NULL;
CREATE INDEX log_actor ON log (actor, n);
CREATE TRIGGER log_is_never_changed BEFORE UPDATE ON log
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_is_never_deleted BEFORE DELETE ON log
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_grows_at_its_end BEFORE INSERT ON log
WHEN new.n <> (SELECT coalesce(max(n), 0) + 1 FROM log)
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

-- head moves whenever a message comes into the thread or changes there
CREATE TABLE thread (
    id   INTEGER PRIMARY KEY,
    size INTEGER NOT NULL,
    head INTEGER NOT NULL
) STRICT;

-- ident: how the platform tells people apart, by id, else by handle, else by name
CREATE TABLE author (
    id        INTEGER PRIMARY KEY,
    channel   TEXT NOT NULL,
    ident     TEXT NOT NULL,
    remote_id TEXT,
    UNIQUE (channel, ident)
) STRICT;

CREATE TABLE post (
    id        INTEGER PRIMARY KEY,
    channel   TEXT NOT NULL,
    ident     TEXT NOT NULL,
    remote_id TEXT,
    title     TEXT,
    url       TEXT,
    UNIQUE (channel, ident)
) STRICT;

CREATE TABLE item (
    id               INTEGER PRIMARY KEY,
    channel          TEXT NOT NULL,
    brand            TEXT,
    kind             TEXT NOT NULL,
    remote_id        TEXT NOT NULL,
    parent_remote_id TEXT,
    thread           INTEGER NOT NULL,
    author           INTEGER REFERENCES author (id),
    post             INTEGER REFERENCES post (id),
    lang             TEXT,
    rating           INTEGER,
    created_at       INTEGER NOT NULL,
    received_at      INTEGER NOT NULL,
    edited_at        INTEGER,
    removed_at       INTEGER,
    done_at          INTEGER,
    held             INTEGER NOT NULL,
    seen             INTEGER NOT NULL,
    status           TEXT NOT NULL,
    outcome          TEXT,
    assignee         TEXT NOT NULL,
    intent           TEXT,
    priority         INTEGER NOT NULL,
    due_at           INTEGER,
    due_kind         TEXT,
    snoozed_until    INTEGER,
    arrived_done     INTEGER NOT NULL,
    due_key          INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(due_at, 9223372036854775807)) VIRTUAL,
    UNIQUE (channel, remote_id)
) STRICT;

-- the orders of the feed; id is the last column of each by itself
CREATE INDEX item_urgent ON item (status, priority, due_key, created_at);
CREATE INDEX item_created ON item (status, created_at);
CREATE INDEX item_channel_urgent ON item (channel, status, priority, due_key, created_at);
CREATE INDEX item_channel_created ON item (channel, status, created_at);
CREATE INDEX item_assignee_urgent ON item (assignee, status, priority, due_key, created_at);
CREATE INDEX item_assignee_created ON item (assignee, status, created_at);

CREATE INDEX item_thread ON item (thread);
CREATE INDEX item_parent ON item (channel, parent_remote_id) WHERE parent_remote_id IS NOT NULL;
CREATE INDEX item_author ON item (author, created_at) WHERE author IS NOT NULL;
CREATE INDEX item_open ON item (channel) WHERE status <> 'done';
CREATE INDEX item_done ON item (channel, done_at) WHERE done_at IS NOT NULL;

-- preview is set only where the text is too long to be its own
CREATE TABLE item_text (
    item    INTEGER PRIMARY KEY REFERENCES item (id),
    handle  TEXT,
    name    TEXT,
    url     TEXT,
    marks   TEXT NOT NULL,
    media   TEXT,
    preview TEXT,
    text    TEXT NOT NULL
) STRICT;

CREATE TABLE item_raw (
    item  INTEGER PRIMARY KEY REFERENCES item (id),
    salt  TEXT NOT NULL,
    extra BLOB NOT NULL,
    raw   BLOB NOT NULL
) STRICT;

-- what our account wrote, as the platform shows it
CREATE TABLE own_message (
    id               INTEGER PRIMARY KEY,
    channel          TEXT NOT NULL,
    remote_id        TEXT NOT NULL,
    parent_remote_id TEXT,
    thread           INTEGER NOT NULL,
    outgoing         INTEGER,
    created_at       INTEGER NOT NULL,
    edited_at        INTEGER,
    removed_at       INTEGER,
    author_name      TEXT,
    text             TEXT NOT NULL,
    UNIQUE (channel, remote_id)
) STRICT;
CREATE INDEX own_message_thread ON own_message (thread);
CREATE INDEX own_message_parent ON own_message (channel, parent_remote_id) WHERE parent_remote_id IS NOT NULL;

CREATE TABLE outgoing (
    id               INTEGER PRIMARY KEY,
    item             INTEGER NOT NULL REFERENCES item (id),
    channel          TEXT NOT NULL,
    kind             TEXT NOT NULL,
    state            TEXT NOT NULL,
    key              TEXT NOT NULL UNIQUE,
    snippet          TEXT,
    operator         TEXT NOT NULL,
    remote_id        TEXT,
    url              TEXT,
    attempts         INTEGER NOT NULL,
    error            TEXT,
    queued_at        INTEGER NOT NULL,
    not_before       INTEGER NOT NULL,
    first_attempt_at INTEGER,
    last_attempt_at  INTEGER,
    live_at          INTEGER,
    fence            INTEGER NOT NULL,
    wait             INTEGER NOT NULL,
    before           TEXT NOT NULL,
    text             TEXT NOT NULL
) STRICT;
CREATE INDEX outgoing_item ON outgoing (item);
CREATE INDEX outgoing_state ON outgoing (state);
CREATE INDEX outgoing_channel ON outgoing (channel, state);

CREATE TABLE draft (
    item       INTEGER NOT NULL REFERENCES item (id),
    operator   TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    snippet    TEXT,
    cursor     INTEGER NOT NULL,
    text       TEXT NOT NULL,
    PRIMARY KEY (item, operator)
) STRICT, WITHOUT ROWID;

CREATE TABLE item_lease (
    item   INTEGER PRIMARY KEY REFERENCES item (id),
    holder TEXT NOT NULL,
    until  INTEGER NOT NULL
) STRICT;

CREATE TABLE process_lease (
    name  TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    until INTEGER NOT NULL,
    fence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE channel (
    name              TEXT PRIMARY KEY,
    health            TEXT NOT NULL,
    error             TEXT,
    todo              TEXT,
    since             INTEGER,
    first_look_done   INTEGER NOT NULL,
    last_ok_at        INTEGER,
    next_at           INTEGER,
    retry_after_until INTEGER,
    failures          INTEGER NOT NULL,
    cursor            TEXT NOT NULL,
    can               TEXT NOT NULL,
    account           TEXT,
    own_ids           TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
    id        INTEGER PRIMARY KEY,
    channel   TEXT NOT NULL,
    remote_id TEXT,
    ident     TEXT NOT NULL,
    reason    TEXT NOT NULL,
    at        INTEGER NOT NULL,
    payload   BLOB NOT NULL,
    UNIQUE (channel, ident, reason)
) STRICT;
CREATE TABLE quarantine_tally (
    channel TEXT PRIMARY KEY,
    count   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- how many, kept up at the end of every transaction; nothing ever counts over item
CREATE TABLE tally (
    status   TEXT NOT NULL,
    channel  TEXT NOT NULL,
    assignee TEXT NOT NULL,
    seen     INTEGER NOT NULL,
    count    INTEGER NOT NULL,
    PRIMARY KEY (status, channel, assignee, seen)
) STRICT, WITHOUT ROWID;
CREATE TABLE outgoing_tally (
    state TEXT PRIMARY KEY,
    count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
