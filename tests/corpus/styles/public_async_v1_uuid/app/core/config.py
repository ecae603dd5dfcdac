import os


class Settings:
    PROJECT_NAME: str = os.getenv("PROJECT_NAME", "Todo Service")
    API_V1_STR: str = "/api/v1"
    DATABASE_URL: str = os.getenv("TODO_DATABASE_URL", "sqlite+aiosqlite:///./service.db")


settings = Settings()
