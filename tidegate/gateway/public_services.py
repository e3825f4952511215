"""What anybody may ask without a key: health (per service and per symbol) and reflection (rule API-5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import grpc
from grpc_health.v1 import health, health_pb2
from grpc_reflection.v1alpha import reflection, reflection_pb2

from tidegate.gateway.admission import Admission

if TYPE_CHECKING:
    GenericHandler = grpc.GenericRpcHandler[Any, Any]


class Health:
    """grpc.health.v1.Health, told only what has changed."""

    def __init__(self) -> None:
        self._servicer = health.aio.HealthServicer()  # type: ignore[attr-defined]
        self._told: dict[str, bool] = {}

    def handler(self, admission: Admission) -> GenericHandler:
        """Check and Watch."""
        request, response = health_pb2.HealthCheckRequest, health_pb2.HealthCheckResponse
        methods = {
            "Check": admission.without_key(self._servicer.Check, request, response, streams=False),
            "Watch": admission.without_key(self._servicer.Watch, request, response, streams=True),
        }
        return grpc.method_handlers_generic_handler(health.SERVICE_NAME, methods)

    async def tell(self, service: str, *, serving: bool) -> None:
        """SERVING or NOT_SERVING from now on."""
        if self._told.get(service) is serving:
            return
        self._told[service] = serving
        status = health_pb2.HealthCheckResponse
        await self._servicer.set(service, status.SERVING if serving else status.NOT_SERVING)

    async def drain(self) -> None:
        """Nothing serves any more."""
        for service in list(self._told):
            await self.tell(service, serving=False)


def reflection_handler(admission: Admission, services: Sequence[str]) -> GenericHandler:
    """grpc.reflection.v1alpha.ServerReflection over the services and the two of this module."""
    names = (*services, health.SERVICE_NAME, reflection.SERVICE_NAME)
    servicer = reflection.aio.ReflectionServicer(names)  # type: ignore[attr-defined]
    method = admission.conversation(
        servicer.ServerReflectionInfo,
        reflection_pb2.ServerReflectionRequest,
        reflection_pb2.ServerReflectionResponse,
    )
    return grpc.method_handlers_generic_handler(reflection.SERVICE_NAME, {"ServerReflectionInfo": method})
