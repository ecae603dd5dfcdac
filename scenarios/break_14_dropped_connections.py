"""The database server restarts, and the pool holds connections that have ended."""

from lab import scenario as s
from lab.codemods import PingConnections

DROP, SEVERAL = s.DropConnections(), s.RequestAtOnce(5, s.get())

broken = s.Exercise(
    kind="break",
    databases=s.SERVERS,
    title="The database server restarts",
    teaches="A pool keeps connections open, and does not notice when the other end hangs up.",
    task="Restart the database server while your API runs (or end its connections there), and send "
    "the next requests. What does a client see, and how often?",
    hints=(
        "Look at which connections the server has: pg_stat_activity, or SHOW PROCESSLIST.",
        "Ask when the app finds out that a connection in its pool has ended.",
        "Type pg_terminate_backend(pid), or KILL on MySQL, for each of these; then GET /todos.",
    ),
    before=(s.Start(), s.post("Buy milk"), s.get()),
    prediction=s.Prediction(
        "The database server is up again at once. What do the next two requests answer?",
        of=lambda seen: tuple(exchange.status for exchange in seen.exchanges("GET /todos")[:2]),
        choices={
            (200, 200): "200 and 200: the pool opens new connections",
            (500, 200): "500, then 200: one request pays for all",
            (500, 500): "500 and 500, until the API is restarted",
        },
        why="SQLAlchemy throws the whole pool away at such an error. A request has to meet it.",
    ),
    variants=(
        s.Variant(
            "The server restarts, the API does not.", edits=(PingConnections(False),), steps=(DROP,)
        ),
    ),
    after=(s.get(), s.get()),
    symptom=lambda seen: any(exchange.status >= 500 for exchange in seen.exchanges()),
)

fixed = s.Exercise(
    kind="fix",
    databases=s.SERVERS,
    title="No request pays for a restart",
    teaches="pool_pre_ping asks a connection whether it lives before a request gets it.",
    task="Let every request be answered after the database server has restarted.",
    hints=(
        "Look at create_engine(): what does it say about the pool?",
        "Ask who could test a connection, and when, so that no request meets a dead one.",
        "Type `create_engine(..., pool_pre_ping=True)`.",
    ),
    before=(s.Start(), s.get(), DROP, s.get()),
    needed=lambda seen: seen.status("GET /todos") >= 500,
    prediction=s.Prediction(
        "5 requests at once, the server restarts, 5 more at once: how many of these 5 fail?",
        of=lambda seen: len(seen.failed()),
        choices={5: "All 5", 1: "1: the first to find out", 0: "None"},
        why="The test costs one round trip for each request. An error costs more.",
    ),
    variants=(
        s.Variant("Each connection is tested before it is lent.", edits=(PingConnections(),)),
    ),
    after=(s.Start(), SEVERAL, DROP, SEVERAL),
)

scenario = s.Scenario("004, Why this project exists", (broken, fixed), topic="operations")
