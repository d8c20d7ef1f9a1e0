"""The archive's schema as ordered migrations. Applied ones are never edited: add the next.

What migrations do to old rows is loaded by those that need it: opening an archive need not wait.
Tables, columns and what they mean are described in `descriptions.toml`; a test holds both together.
"""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from crawler.archive import changes, fulltext, gaps

migrations = Migrations("luutru")

_TABLES = """
CREATE TABLE portals (
    id INTEGER PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    cms TEXT,
    status TEXT NOT NULL DEFAULT 'live'
);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    portal_id INTEGER NOT NULL REFERENCES portals(id),
    kind TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    verdict TEXT CHECK (verdict IN ('complete', 'incomplete', 'stopped', 'failed')),
    verdict_reasons TEXT,
    pages INTEGER NOT NULL DEFAULT 0,
    articles_seen INTEGER NOT NULL DEFAULT 0,
    articles_new INTEGER NOT NULL DEFAULT 0,
    articles_changed INTEGER NOT NULL DEFAULT 0,
    software TEXT NOT NULL,
    user_agent TEXT,
    robots_policy TEXT
);
CREATE TABLE urls (
    id INTEGER PRIMARY KEY,
    portal_id INTEGER NOT NULL REFERENCES portals(id),
    key TEXT NOT NULL,
    url TEXT NOT NULL,
    form TEXT,
    kind TEXT NOT NULL,
    found_on INTEGER REFERENCES urls(id),
    found_at TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'done', 'refused', 'gone', 'failed')),
    reason TEXT,
    due_at TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    last_status INTEGER,
    last_fetched_at TEXT,
    priority INTEGER NOT NULL DEFAULT 0,
    UNIQUE (portal_id, key)
);
CREATE INDEX urls_frontier ON urls (portal_id, priority DESC, id) WHERE state = 'waiting';
CREATE INDEX urls_state ON urls (portal_id, state);
CREATE TABLE captures (
    id INTEGER PRIMARY KEY,
    url_id INTEGER NOT NULL REFERENCES urls(id),
    run_id INTEGER NOT NULL REFERENCES runs(id),
    captured_at TEXT NOT NULL,
    status INTEGER NOT NULL,
    media_type TEXT,
    payload_sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    warc_file TEXT,
    warc_offset INTEGER,
    warc_length INTEGER,
    source TEXT NOT NULL CHECK (source IN ('live', 'wayback', 'commoncrawl', 'file')),
    ip TEXT
);
CREATE INDEX captures_url ON captures (url_id, captured_at);
CREATE INDEX captures_run ON captures (run_id);
CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    portal_id INTEGER NOT NULL REFERENCES portals(id),
    url_id INTEGER NOT NULL UNIQUE REFERENCES urls(id),
    url TEXT NOT NULL,
    title TEXT,
    published_on TEXT,
    published_at TEXT,
    published_raw TEXT,
    view_count INTEGER,
    author TEXT,
    category TEXT,
    summary TEXT,
    body TEXT,
    body_html TEXT,
    layout TEXT,
    rating_score REAL,
    rating_count INTEGER,
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'present' CHECK (status IN ('present', 'changed', 'missing')),
    capture_id INTEGER NOT NULL REFERENCES captures(id)
);
CREATE INDEX articles_published ON articles (portal_id, published_on);
CREATE INDEX articles_category ON articles (category);
CREATE INDEX articles_url ON articles (url);
CREATE TABLE versions (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles(id),
    capture_id INTEGER NOT NULL REFERENCES captures(id),
    seen_at TEXT NOT NULL,
    title TEXT,
    published_on TEXT,
    author TEXT,
    body TEXT,
    content_sha256 TEXT NOT NULL
);
CREATE INDEX versions_article ON versions (article_id, id);
CREATE TABLE view_counts (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles(id),
    seen_at TEXT NOT NULL,
    views INTEGER NOT NULL,
    capture_id INTEGER NOT NULL REFERENCES captures(id)
);
CREATE INDEX view_counts_article ON view_counts (article_id, seen_at);
CREATE TABLE readings (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles(id),
    capture_id INTEGER NOT NULL REFERENCES captures(id),
    field TEXT NOT NULL,
    raw TEXT NOT NULL,
    rule TEXT NOT NULL
);
CREATE INDEX readings_article ON readings (article_id, capture_id);
CREATE TABLE images (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles(id),
    url TEXT NOT NULL,
    caption TEXT,
    media_type TEXT,
    sha256 TEXT,
    capture_id INTEGER REFERENCES captures(id),
    UNIQUE (article_id, url)
);
CREATE TABLE attachments (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles(id),
    url TEXT NOT NULL,
    filename TEXT NOT NULL,
    media_type TEXT,
    sha256 TEXT,
    text TEXT,
    capture_id INTEGER REFERENCES captures(id),
    UNIQUE (article_id, url)
);
CREATE TABLE site_counts (
    id INTEGER PRIMARY KEY,
    portal_id INTEGER NOT NULL REFERENCES portals(id),
    seen_at TEXT NOT NULL,
    total_visits INTEGER,
    online_now INTEGER,
    today INTEGER
);
CREATE INDEX site_counts_portal ON site_counts (portal_id, seen_at);
CREATE TABLE suspect_links (
    id INTEGER PRIMARY KEY,
    url_id INTEGER NOT NULL REFERENCES urls(id),
    href TEXT NOT NULL,
    text TEXT,
    hidden INTEGER NOT NULL CHECK (hidden IN (0, 1)),
    why TEXT NOT NULL,
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    UNIQUE (url_id, href)
);
CREATE TABLE problems (
    id INTEGER PRIMARY KEY,
    url_id INTEGER NOT NULL REFERENCES urls(id),
    capture_id INTEGER REFERENCES captures(id),
    field TEXT,
    reason TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    resolved_at TEXT
);
CREATE UNIQUE INDEX problems_open ON problems (url_id, ifnull(field, ''), reason)
    WHERE resolved_at IS NULL;
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    event_type TEXT NOT NULL,
    object TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT,
    agent TEXT NOT NULL
)
"""

_APPEND_ONLY = [
    f"""CREATE TRIGGER events_no_{verb} BEFORE {verb} ON events
    BEGIN SELECT raise(ABORT, 'events is append-only'); END"""
    for verb in ("update", "delete")
]


@migrations(name="1-tables")
def _tables(db: Database) -> None:
    for statement in _TABLES.split(";\n"):
        db.execute(statement)
    for statement in _APPEND_ONLY:
        db.execute(statement)


_EVIDENCE = """
ALTER TABLE captures ADD COLUMN record_type TEXT NOT NULL DEFAULT 'response'
    CHECK (record_type IN ('response', 'revisit'));
ALTER TABLE captures ADD COLUMN refers_to INTEGER REFERENCES captures(id);
ALTER TABLE captures ADD COLUMN etag TEXT;
ALTER TABLE captures ADD COLUMN last_modified TEXT;
ALTER TABLE captures ADD COLUMN truncated TEXT;
CREATE INDEX captures_payload ON captures (payload_sha256) WHERE record_type = 'response';
CREATE INDEX captures_warc ON captures (warc_file, warc_offset)
"""


@migrations(name="2-full-text-index")
def _full_text_index(db: Database) -> None:
    for statement in fulltext.statements(fulltext.SEARCHED_AT_FIRST):
        db.execute(statement)


@migrations(name="3-evidence")
def _evidence(db: Database) -> None:
    for statement in _EVIDENCE.split(";\n"):
        db.execute(statement)


_FILES_AND_STATES = """
ALTER TABLE articles ADD COLUMN attachments_text TEXT;
ALTER TABLE articles ADD COLUMN seen_capture_id INTEGER REFERENCES captures(id);
ALTER TABLE articles ADD COLUMN absent_since TEXT;
ALTER TABLE articles ADD COLUMN absent_runs INTEGER NOT NULL DEFAULT 0;
ALTER TABLE articles ADD COLUMN absent_capture_id INTEGER REFERENCES captures(id);
ALTER TABLE articles ADD COLUMN unlinked INTEGER NOT NULL DEFAULT 0 CHECK (unlinked IN (0, 1));
ALTER TABLE urls ADD COLUMN last_linked_at TEXT;
ALTER TABLE runs ADD COLUMN round_started_at TEXT;
ALTER TABLE images ADD COLUMN url_id INTEGER REFERENCES urls(id);
ALTER TABLE attachments ADD COLUMN url_id INTEGER REFERENCES urls(id);
CREATE INDEX images_url ON images (url_id);
CREATE INDEX attachments_url ON attachments (url_id);
CREATE INDEX urls_found_on ON urls (found_on)
"""


def _tell(row: str) -> str:
    """The SQL that tells the article of a trigger's `row` (new or old) what its files say."""
    return f"""UPDATE articles SET attachments_text = (SELECT group_concat(text, char(10, 10))
        FROM (SELECT text FROM attachments WHERE article_id = {row}.article_id ORDER BY id))
        WHERE id = {row}.article_id;"""


_ATTACHMENTS_TEXT = [
    f"""CREATE TRIGGER attachments_text_insert AFTER INSERT ON attachments
    WHEN new.text IS NOT NULL BEGIN {_tell("new")} END""",
    f"""CREATE TRIGGER attachments_text_update AFTER UPDATE OF text, article_id ON attachments
    WHEN old.text IS NOT new.text OR old.article_id <> new.article_id
    BEGIN {_tell("old")} {_tell("new")} END""",
    f"""CREATE TRIGGER attachments_text_delete AFTER DELETE ON attachments
    WHEN old.text IS NOT NULL BEGIN {_tell("old")} END""",
]


@migrations(name="4-files-and-states")
def _files_and_states(db: Database) -> None:
    for statement in (*_FILES_AND_STATES.split(";\n"), *_ATTACHMENTS_TEXT):
        db.execute(statement)
    from crawler.archive import adoption

    adoption.adopt_files(db.conn)
    adoption.state_honestly(db.conn)
    for statement in (*fulltext.UNDOING, *fulltext.statements(), fulltext.REBUILDING):
        db.execute(statement)


@migrations(name="5-capture-addresses")
def _capture_addresses(db: Database) -> None:
    # The frontier may learn a better address of a page; a record keeps the one it was asked at.
    db.execute("ALTER TABLE captures ADD COLUMN url TEXT")
    db.execute("UPDATE captures SET url = (SELECT url FROM urls WHERE id = url_id)")


_GOOD_ENDINGS = """
ALTER TABLE urls ADD COLUMN visits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE urls ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE urls ADD COLUMN changed_at TEXT;
ALTER TABLE urls ADD COLUMN recheck_days REAL;
ALTER TABLE urls ADD COLUMN same_as INTEGER REFERENCES urls(id);
CREATE INDEX urls_same_as ON urls (same_as) WHERE same_as IS NOT NULL;
ALTER TABLE urls ADD COLUMN likeness TEXT;
CREATE INDEX urls_likeness ON urls (portal_id, likeness) WHERE likeness IS NOT NULL;
CREATE INDEX versions_content ON versions (content_sha256);
DROP INDEX urls_frontier;
CREATE INDEX urls_frontier ON urls (portal_id, priority, due_at) WHERE state = 'waiting';
CREATE INDEX urls_again ON urls (portal_id, priority, due_at)
    WHERE state <> 'waiting' AND form IS NULL;
UPDATE urls SET due_at = '9999-12-31T00:00:00Z'
    WHERE state = 'refused' AND reason NOT LIKE '%robots.txt%';
UPDATE urls SET visits = (SELECT count(*) FROM captures WHERE url_id = urls.id AND status < 400);
UPDATE urls SET priority = CASE kind WHEN 'robots' THEN 100 WHEN 'home' THEN 90
    WHEN 'sitemap' THEN 80 WHEN 'feed' THEN 80 WHEN 'listing' THEN iif(visits, 65, 70)
    WHEN 'article' THEN iif(visits, 30, 60) WHEN 'file' THEN iif(visits, 10, 40)
    ELSE iif(visits, 20, 55) END;
ALTER TABLE captures ADD COLUMN fetch_ms INTEGER;
ALTER TABLE runs ADD COLUMN mode TEXT NOT NULL DEFAULT 'incremental'
    CHECK (mode IN ('incremental', 'full', 'closing'));
ALTER TABLE runs ADD COLUMN budget INTEGER;
ALTER TABLE runs ADD COLUMN deadline_at TEXT;
ALTER TABLE runs ADD COLUMN left_over INTEGER;
ALTER TABLE runs ADD COLUMN robots_reason TEXT;
CREATE TABLE url_shapes (
    id INTEGER PRIMARY KEY,
    portal_id INTEGER NOT NULL REFERENCES portals(id),
    shape TEXT NOT NULL,
    pages INTEGER NOT NULL DEFAULT 0,
    fruitless INTEGER NOT NULL DEFAULT 0,
    articles INTEGER NOT NULL DEFAULT 0,
    barren INTEGER NOT NULL DEFAULT 0,
    stopped_at TEXT,
    UNIQUE (portal_id, shape)
);
CREATE INDEX url_shapes_stopped ON url_shapes (portal_id) WHERE stopped_at IS NOT NULL;
CREATE TABLE listing_claims (
    id INTEGER PRIMARY KEY,
    url_id INTEGER NOT NULL UNIQUE REFERENCES urls(id),
    seen_at TEXT NOT NULL,
    series TEXT NOT NULL,
    items INTEGER,
    page INTEGER,
    pages INTEGER,
    total INTEGER,
    listed TEXT,
    raw TEXT
);
CREATE TABLE certificates (
    id INTEGER PRIMARY KEY,
    portal_id INTEGER NOT NULL REFERENCES portals(id),
    host TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    subject TEXT NOT NULL,
    issuer TEXT NOT NULL,
    not_before TEXT NOT NULL,
    not_after TEXT NOT NULL,
    chain TEXT NOT NULL,
    verified INTEGER NOT NULL CHECK (verified IN (0, 1)),
    error TEXT,
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    UNIQUE (portal_id, host, sha256)
);
CREATE TABLE coverage (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES runs(id),
    layout TEXT NOT NULL,
    field TEXT NOT NULL,
    pages INTEGER NOT NULL,
    found INTEGER NOT NULL,
    UNIQUE (run_id, layout, field)
)
"""


@migrations(name="6-good-endings")
def _good_endings(db: Database) -> None:
    for statement in _GOOD_ENDINGS.split(";\n"):
        db.execute(statement)


_PLANTED_LINKS = """
ALTER TABLE suspect_links ADD COLUMN score INTEGER;
ALTER TABLE suspect_links ADD COLUMN capture_id INTEGER REFERENCES captures(id);
CREATE INDEX suspect_links_seen ON suspect_links (last_seen_at)
"""


@migrations(name="7-planted-links")
def _planted_links(db: Database) -> None:
    for statement in _PLANTED_LINKS.split(";\n"):
        db.execute(statement)


_OFFICIAL_DOCUMENTS = """
CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    portal_id INTEGER NOT NULL REFERENCES portals(id),
    url_id INTEGER NOT NULL REFERENCES urls(id),
    place TEXT NOT NULL DEFAULT '',
    article_id INTEGER REFERENCES articles(id),
    number TEXT,
    kind TEXT,
    issuer TEXT,
    signer TEXT,
    issued_on TEXT,
    effective_on TEXT,
    abstract TEXT,
    field TEXT,
    described_by TEXT NOT NULL CHECK (described_by IN ('page', 'list')),
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    capture_id INTEGER REFERENCES captures(id),
    UNIQUE (url_id, place)
);
CREATE INDEX documents_number ON documents (number);
CREATE INDEX documents_issued ON documents (portal_id, issued_on);
CREATE INDEX documents_article ON documents (article_id);
CREATE TABLE document_readings (
    id INTEGER PRIMARY KEY,
    document_id INTEGER NOT NULL REFERENCES documents(id),
    capture_id INTEGER REFERENCES captures(id),
    field TEXT NOT NULL,
    raw TEXT NOT NULL,
    rule TEXT NOT NULL,
    UNIQUE (document_id, field)
);
CREATE TABLE document_files (
    id INTEGER PRIMARY KEY,
    document_id INTEGER NOT NULL REFERENCES documents(id),
    url TEXT NOT NULL,
    filename TEXT NOT NULL,
    media_type TEXT,
    sha256 TEXT,
    text TEXT,
    capture_id INTEGER REFERENCES captures(id),
    url_id INTEGER REFERENCES urls(id),
    UNIQUE (document_id, url)
);
CREATE INDEX document_files_url ON document_files (url_id)
"""


@migrations(name="7-official-documents")
def _official_documents(db: Database) -> None:
    for statement in _OFFICIAL_DOCUMENTS.split(";\n"):
        db.execute(statement)


# What the site lists first is asked for on every visit; what is not `present` is rare.
_HIDDEN_AND_WATCHED = """
ALTER TABLE articles ADD COLUMN hidden_at TEXT;
ALTER TABLE articles ADD COLUMN hidden_why TEXT;
CREATE INDEX articles_hidden ON articles (hidden_at) WHERE hidden_at IS NOT NULL;
CREATE INDEX articles_newest ON articles (published_on, id);
CREATE INDEX articles_most_read ON articles (view_count, id) WHERE view_count IS NOT NULL;
CREATE INDEX articles_not_present ON articles (status) WHERE status <> 'present';
CREATE TABLE watches (
    id INTEGER PRIMARY KEY,
    query TEXT NOT NULL,
    since TEXT,
    until TEXT,
    portal TEXT,
    category TEXT,
    author TEXT,
    channel TEXT NOT NULL CHECK (channel IN ('email', 'webhook', 'command')),
    target TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_run_at TEXT,
    problem TEXT
);
CREATE TABLE watch_hits (
    id INTEGER PRIMARY KEY,
    watch_id INTEGER NOT NULL REFERENCES watches(id) ON DELETE CASCADE,
    article_id INTEGER NOT NULL REFERENCES articles(id),
    found_at TEXT NOT NULL,
    known INTEGER NOT NULL DEFAULT 0 CHECK (known IN (0, 1)),
    delivered_at TEXT,
    UNIQUE (watch_id, article_id)
)
"""


@migrations(name="10-hidden-and-watched")
def _hidden_and_watched(db: Database) -> None:
    for statement in _HIDDEN_AND_WATCHED.split(";\n"):
        db.execute(statement)
    from crawler.archive import adoption

    adoption.hide_private(db.conn)


# What pages count is read from the indexes alone: the articles' own pages are full of text.
_SHOWN_FIRST = (
    "DROP INDEX articles_newest",
    """CREATE INDEX articles_newest ON articles (published_on, id, category, view_count, portal_id)
       WHERE hidden_at IS NULL""",
    "CREATE INDEX articles_shown ON articles (portal_id, published_on, id) WHERE hidden_at IS NULL",
    "CREATE INDEX articles_shown_categories ON articles (category) WHERE hidden_at IS NULL",
    "CREATE INDEX articles_shown_authors ON articles (author) WHERE hidden_at IS NULL",
)


@migrations(name="10-shown-first")
def _shown_first(db: Database) -> None:
    for statement in _SHOWN_FIRST:
        db.execute(statement)


@migrations(name="11-spellings-and-titles")
def _spellings_and_titles(db: Database) -> None:
    db.execute("CREATE INDEX articles_title ON articles (portal_id, title)")
    # It holds the same as before, so the index need not be made anew.
    db.execute("DROP VIEW articles_spellings")
    db.execute(fulltext.view())


# What filters, facets and orders need of a match, without a look at its row and text.
_FACTS_OF_MATCHES = """CREATE INDEX articles_facts ON articles
    (id, published_on, portal_id, category, author, view_count)"""


@migrations(name="12-search-at-size")
def _search_at_size(db: Database) -> None:
    for statement in (_FACTS_OF_MATCHES, *fulltext.title_statements()):
        db.execute(statement)


_SCHEDULES = """CREATE TABLE schedules (
    id INTEGER PRIMARY KEY,
    portal TEXT NOT NULL UNIQUE,
    schedule TEXT NOT NULL,
    since TEXT NOT NULL,
    planned_for TEXT,
    started_at TEXT,
    crawled_at TEXT,
    ended_at TEXT,
    outcome TEXT CHECK (outcome IN ('complete', 'incomplete', 'stopped', 'failed', 'killed')),
    problem TEXT,
    tries INTEGER NOT NULL DEFAULT 0
)"""


@migrations(name="13-schedules")
def _schedules(db: Database) -> None:
    db.execute(_SCHEDULES)


_BEING_TOLD = """
CREATE TABLE alarms (
    id INTEGER PRIMARY KEY,
    portal_id INTEGER REFERENCES portals(id),
    run_id INTEGER REFERENCES runs(id),
    kind TEXT NOT NULL,
    topic TEXT NOT NULL,
    line TEXT NOT NULL,
    since TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    resolved_at TEXT
);
CREATE UNIQUE INDEX alarms_open ON alarms (ifnull(portal_id, 0), kind, topic)
    WHERE resolved_at IS NULL;
CREATE TABLE tellings (
    id INTEGER PRIMARY KEY,
    alarm_id INTEGER NOT NULL REFERENCES alarms(id),
    target TEXT NOT NULL,
    told_at TEXT,
    tries INTEGER NOT NULL DEFAULT 0,
    problem TEXT,
    UNIQUE (alarm_id, target)
);
CREATE INDEX tellings_target ON tellings (target, told_at)
"""


@migrations(name="13-being-told")
def _being_told(db: Database) -> None:
    for statement in _BEING_TOLD.split(";\n"):
        db.execute(statement)


# What web archives say that they hold: the frontier of a rescue, and the ground of the gap map.
_RESCUE = """
CREATE TABLE index_queries (
    id INTEGER PRIMARY KEY,
    portal_id INTEGER NOT NULL REFERENCES portals(id),
    source TEXT NOT NULL CHECK (source IN ('wayback', 'commoncrawl')),
    address TEXT NOT NULL,
    cursor TEXT,
    listed INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'failed')),
    reason TEXT,
    due_at TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    asked_at TEXT,
    UNIQUE (portal_id, source, address)
);
CREATE TABLE listed_captures (
    id INTEGER PRIMARY KEY,
    portal_id INTEGER NOT NULL REFERENCES portals(id),
    source TEXT NOT NULL CHECK (source IN ('wayback', 'commoncrawl')),
    url TEXT NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    captured_at TEXT NOT NULL,
    status INTEGER,
    media_type TEXT,
    digest TEXT NOT NULL DEFAULT '',
    size INTEGER,
    file TEXT,
    file_offset INTEGER,
    state TEXT NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'done', 'refused', 'failed')),
    reason TEXT,
    priority INTEGER NOT NULL,
    due_at TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    listed_at TEXT NOT NULL,
    capture_id INTEGER REFERENCES captures(id),
    UNIQUE (portal_id, source, key, captured_at, url, digest)
);
CREATE INDEX listed_captures_waiting ON listed_captures (portal_id, source, priority, due_at)
    WHERE state = 'waiting';
CREATE INDEX listed_captures_state ON listed_captures (portal_id, source, state);
CREATE INDEX listed_captures_capture ON listed_captures (capture_id) WHERE capture_id IS NOT NULL
"""


@migrations(name="14-rescue")
def _rescue(db: Database) -> None:
    for statement in _RESCUE.split(";\n"):
        db.execute(statement)


@migrations(name="15-caveats")
def _caveats(db: Database) -> None:
    db.execute("ALTER TABLE captures ADD COLUMN caveat TEXT")


@migrations(name="16-gap-map")
def _gap_map(db: Database) -> None:
    db.execute(gaps.VIEW)


# A rescue may have a million captures before it: the next one is found without a look at the rest.
_RESCUE_ORDER = (
    "DROP INDEX listed_captures_waiting",
    """CREATE INDEX listed_captures_waiting
       ON listed_captures (portal_id, source, priority DESC, key, captured_at, id)
       WHERE state = 'waiting'""",
    """CREATE INDEX listed_captures_due ON listed_captures (portal_id, source, due_at)
       WHERE state = 'waiting'""",
)


@migrations(name="17-rescue-order")
def _rescue_order(db: Database) -> None:
    for statement in _RESCUE_ORDER:
        db.execute(statement)


# A unit has the same number in every archive (crawler/units/facts.py).
_UNITS = """
CREATE TABLE units (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('province', 'district', 'commune')),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    parent_id INTEGER REFERENCES units(id),
    valid_from TEXT,
    valid_to TEXT,
    source TEXT NOT NULL
);
CREATE INDEX units_folded ON units (folded);
CREATE INDEX units_parent ON units (parent_id);
CREATE TABLE unit_changes (
    old_id INTEGER NOT NULL REFERENCES units(id),
    new_id INTEGER NOT NULL REFERENCES units(id),
    changed_on TEXT NOT NULL,
    extent TEXT NOT NULL CHECK (extent IN ('whole', 'part')),
    basis TEXT NOT NULL,
    PRIMARY KEY (old_id, new_id)
) WITHOUT ROWID;
CREATE INDEX unit_changes_new ON unit_changes (new_id);
ALTER TABLE portals ADD COLUMN unit_id INTEGER REFERENCES units(id)
"""


@migrations(name="18-units")
def _units(db: Database) -> None:
    for statement in _UNITS.split(";\n"):
        db.execute(statement)


# A merged archive knows what it was made of, and every archive what was changed since.
_SOURCES = """CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    identity TEXT NOT NULL UNIQUE,
    path TEXT NOT NULL,
    merged_at TEXT NOT NULL,
    changes_read INTEGER NOT NULL,
    articles INTEGER NOT NULL,
    last_capture TEXT,
    replaced_at TEXT
)"""


@migrations(name="19-merging")
def _merging(db: Database) -> None:
    for statement in (*changes.statements(), _SOURCES):
        db.execute(statement)


@migrations(name="20-indexed-by-writer")
def _indexed_by_writer(db: Database) -> None:
    for statement in fulltext.yielding_statements():
        db.execute(statement)


# No foreign key: a search may wait for a place that no portal here tells of yet.
@migrations(name="21-watched-unit")
def _watched_unit(db: Database) -> None:
    db.execute("ALTER TABLE watches ADD COLUMN unit_id INTEGER")


_GROUPS = """
CREATE TABLE article_groups (
    article_id INTEGER PRIMARY KEY REFERENCES articles(id),
    first_id INTEGER NOT NULL REFERENCES articles(id)
);
CREATE INDEX article_groups_first ON article_groups (first_id);
CREATE TABLE article_keys (
    key INTEGER NOT NULL,
    article_id INTEGER NOT NULL REFERENCES articles(id),
    PRIMARY KEY (key, article_id)
) WITHOUT ROWID
"""


@migrations(name="22-article-groups")
def _article_groups(db: Database) -> None:
    for statement in _GROUPS.split(";\n"):
        db.execute(statement)


@migrations(name="23-quiet-schedules")
def _quiet_schedules(db: Database) -> None:
    db.execute("ALTER TABLE schedules ADD COLUMN quiet INTEGER NOT NULL DEFAULT 0")


@migrations(name="24-closed-problems")
def _closed_problems(db: Database) -> None:
    db.execute("CREATE INDEX problems_closed ON problems (url_id) WHERE resolved_at IS NOT NULL")


# A year of nightly crawls of 700 portals is 255,500 runs: 40 s for the state of each portal.
@migrations(name="25-runs-of-a-portal")
def _runs_of_a_portal(db: Database) -> None:
    db.execute("CREATE INDEX runs_portal ON runs (portal_id)")


# The view of the gap map gave no row before it had totalled all: 3 s in front of 500,000 addresses.
@migrations(name="26-gap-map-by-row")
def _gap_map_by_row(db: Database) -> None:
    db.execute("DROP VIEW gap_map")
    db.execute(gaps.VIEW)


# Lists call by their titles what nobody could keep.
@migrations(name="27-linked-as")
def _linked_as(db: Database) -> None:
    db.execute("ALTER TABLE urls ADD COLUMN linked_as TEXT")
    db.execute("DROP VIEW gap_map")
    db.execute(gaps.VIEW)
    log = "row_changes_urls_update"
    # A merged archive keeps no log.
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (log,)).fetchone():
        db.execute(f"DROP TRIGGER {log}")
        db.execute(changes.noted("urls", changes.WITH_WORDS))


@migrations(name="28-checksums")
def _checksums(db: Database) -> None:
    for table in ("articles", "view_counts", "readings"):
        db.execute(f"ALTER TABLE {table} ADD COLUMN checksum INTEGER")
