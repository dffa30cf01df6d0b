"""Small documents to draft from: invented providers in OpenAPI 3.0, in 3.1 and as recorded traffic."""

from __future__ import annotations

import json
from typing import Any, Final

OLD: Final = """
openapi: 3.0.3
info: {title: Vidra, version: 2024-11-06}
servers: [{url: 'https://api.vidra.example/{stage}', variables: {stage: {default: v1}}}]
security: [{token: []}]
paths:
  /videos:
    post:
      operationId: createVideo
      summary: Make a video
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Ask'}
            example: {model: vidra-1, prompt: A lantern, duration: 4}
      responses:
        '202':
          description: Taken on
          content: {application/json: {schema: {$ref: '#/components/schemas/Video'}}}
        '422': {$ref: '#/components/responses/Bad'}
    get:
      parameters:
        - {name: page_size, in: query, schema: {type: integer, minimum: 1, default: 10}}
        - {name: page, in: query, schema: {type: integer, minimum: 1}}
      responses:
        '200':
          description: A page
          content:
            application/json:
              schema:
                type: object
                required: [videos, total]
                properties:
                  total: {type: integer}
                  videos: {type: array, items: {$ref: '#/components/schemas/Video'}}
  /videos/{video-id}:
    parameters:
      - {name: video-id, in: path, required: true, schema: {type: string, example: vid_8dk2mfo29dk2m1ss}}
    get:
      operationId: getVideo
      responses:
        '200':
          description: The video
          content: {application/json: {schema: {$ref: '#/components/schemas/Video'}}}
        '404': {$ref: '#/components/responses/Bad'}
  /videos/{video-id}/cancel:
    post:
      parameters:
        - {name: video-id, in: path, required: true, schema: {type: string}}
      responses:
        '200':
          description: The video
          content: {application/json: {schema: {$ref: '#/components/schemas/Video'}}}
  /account: {get: {responses: {'200': {description: Who}}}}
components:
  securitySchemes:
    token: {type: http, scheme: bearer}
  responses:
    Bad:
      description: It went wrong
      content:
        application/json:
          schema:
            type: object
            required: [code, message]
            properties: {code: {type: integer}, message: {type: string}}
  schemas:
    Ask:
      type: object
      required: [model, prompt]
      discriminator: {propertyName: model}
      properties:
        model: {type: string, enum: [vidra-1, vidra-2]}
        prompt: {type: string, minLength: 1}
        duration: {type: number, minimum: 0, exclusiveMinimum: true, maximum: 30, x-order: 3}
        seed: {type: integer, nullable: true, minLength: 3}
        image_url: {type: string, format: uri}
        on: {type: boolean, example: 'yes'}
    Video:
      type: object
      required: [id, status, created, error, kind]
      properties:
        id: {type: string}
        kind: {type: string, enum: [video]}
        status: {type: string, enum: [QUEUED, RUNNING, DONE, FAILED, CANCELED]}
        created: {type: integer}
        model: {type: string}
        prompt: {type: string}
        video_url: {type: string, nullable: true}
        error:
          nullable: true
          allOf: [{$ref: '#/components/schemas/Trouble'}]
        owner: {$ref: '#/components/schemas/Video/definitions/Owner'}
      definitions:
        Owner: {type: object, properties: {name: {type: string}}}
    Trouble:
      type: object
      required: [message]
      properties: {message: {type: string}}
"""
"""With what 3.0 says otherwise: nullable, a boolean bound, `example`, `definitions`."""

_STATES: Final = ("PENDING", "RUNNING", "SUCCEEDED", "FAILED")


def _task(state: str) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "id": {"type": "string", "format": "uuid"},
        "status": {"const": state},
        "createdAt": {"type": "string", "format": "date-time"},
    }
    if state == "SUCCEEDED":
        properties["output"] = {"type": "array", "items": {"type": "string", "format": "uri"}}
    if state == "FAILED":
        properties["failure"] = {"type": "string"}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


NEW: Final[dict[str, Any]] = {
    "openapi": "3.1.0",
    "info": {"title": "Reel", "version": "7"},
    "servers": [{"url": "https://api.reel.example"}],
    "paths": {
        "/v1/text_to_video": {
            "post": {
                "parameters": [
                    {
                        "name": "X-Reel-Version",
                        "in": "header",
                        "required": True,
                        "schema": {"const": "2024-11-06"},
                    },
                    {"name": "x-api-key", "in": "header", "schema": {"type": "string"}},
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "oneOf": [
                                    {
                                        "type": "object",
                                        "required": ["model", "promptText", "ratio"],
                                        "properties": {
                                            "model": {"const": model},
                                            "promptText": {"type": "string", "minLength": 1},
                                            "ratio": {"enum": ["1280:720", "720:1280"]},
                                            "duration": {"type": "integer", "minimum": 2, "maximum": 10},
                                        },
                                    }
                                    for model in ("reel-4", "reel-3")
                                ]
                            }
                        }
                    },
                },
                "responses": {
                    "200": {
                        "description": "The task",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "required": ["id"],
                                    "properties": {"id": {"type": "string", "format": "uuid"}},
                                }
                            }
                        },
                    }
                },
            }
        },
        "/v1/tasks/{id}": {
            "get": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {
                    "200": {
                        "description": "The task",
                        "content": {
                            "application/json": {"schema": {"oneOf": [_task(state) for state in _STATES]}}
                        },
                    }
                },
            }
        },
    },
}
"""An answer whose form depends on the state, operations without ids, and a key that only a header names."""

_ID: Final = "7dea6cc5-5952-4f82-a906-1ed2328bc1c5"
_ASK: Final = {"model": "flick-1", "prompt": "A lantern", "duration": 5}


def _entry(method: str, path: str, status: int, answer: Any, body: Any = None) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": method,
        "url": f"https://flick.example{path}",
        "headers": [{"name": "Authorization", "value": "Bearer secret-key-of-somebody"}],
    }
    if body is not None:
        request["postData"] = {"mimeType": "application/json", "text": json.dumps(body)}
    content = {"mimeType": "application/json", "text": json.dumps(answer)}
    headers = [{"name": "Content-Type", "value": "application/json"}]
    return {
        "startedDateTime": "2026-01-02T03:04:05.678Z",
        "time": 12,
        "request": request,
        "response": {"status": status, "headers": headers, "content": content},
    }


def _data(status: str, **more: Any) -> dict[str, Any]:
    return {"code": 0, "data": {"task_id": _ID, "task_status": status, "created_at": 1767323045, **more}}


RECORD: Final[dict[str, Any]] = {
    "log": {
        "version": "1.2",
        "creator": {"name": "a browser", "version": "1"},
        "entries": [
            _entry("POST", "/api/videos", 200, _data("submitted"), _ASK),
            _entry(
                "POST",
                "/api/videos",
                400,
                {"code": 1201, "message": "prompt is too long"},
                {"model": "flick-1"},
            ),
            _entry("GET", f"/api/videos/{_ID}", 200, _data("processing")),
            _entry(
                "GET",
                f"/api/videos/{_ID}",
                200,
                _data("succeed", video_url="https://cdn.flick.example/x.mp4?sig=1"),
            ),
        ],
    }
}
"""The calls of one job, and a refusal."""
