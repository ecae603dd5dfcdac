"""break-28: the next image brings a new folder, and the database was in the old one."""

from lab.model import CheckFailed
from lab.verify.experiments.deployments import deployed
from lab.verify.todos import Todos


def test_a_deployment_loses_what_a_restart_keeps(todos: Todos) -> None:
    """A restart keeps the todos, and after a deployment the app runs, and lists none of them."""
    with deployed(todos) as deploy:
        made = todos.create("Made before a deployment")
        todos.server.restart()
        todos.must_have(
            made,
            "after a restart without a deployment",
            "Then a deployment is not what loses them. Where does your engine keep them?",
        )
        deploy()
        if todos.present([made]):
            raise CheckFailed(
                expected="GET /todos without the todo that was made before the deployment",
                actual=f"it is there: {todos.server.exchanges[-1]}",
                help="The app finds its database again: is it on the volume?",
            )
