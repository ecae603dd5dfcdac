from contextlib import asynccontextmanager

from fastapi import FastAPI

from app import models
from app.database import engine
from app.routers import todos


@asynccontextmanager
async def lifespan(app: FastAPI):
    models.Base.metadata.create_all(bind=engine)
    yield


app = FastAPI(lifespan=lifespan)
app.include_router(todos.router)
