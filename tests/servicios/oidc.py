"""Un proveedor de identidad de verdad en esta máquina: publica su clave, reparte códigos, exige PKCE y firma con RS256.

Se puede torcer: `cambios` pisa lo que dice la ficha de identidad y `firmante` es con qué clave se firma.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Flask, abort, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.servicios.servidor import servir

CLIENTE, SECRETO = "focaliza-prueba", "secreto-de-prueba"


@dataclass
class Proveedor:
    """Lo que hace la persona en su pantalla se reemplaza por redirigir al tiro."""

    emisor: str = ""
    sujeto: str = "sujeto-1"
    clave: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "buena", "use": "sig", "alg": "RS256"}))
    firmante: RSAKey | None = None
    cambios: dict[str, Any] = field(default_factory=dict)
    sin_ficha: bool = False
    pedidos: dict[str, dict[str, str]] = field(default_factory=dict)
    fallas: list[str] = field(default_factory=list)

    def ficha(self, nonce: str) -> str:
        ahora = int(time.time())
        dice = {"iss": self.emisor, "sub": self.sujeto, "aud": CLIENTE, "iat": ahora, "exp": ahora + 300, "nonce": nonce}
        dice = {n: v for n, v in {**dice, **self.cambios}.items() if v is not None}
        return jwt.encode({"alg": "RS256", "kid": "buena"}, dice, self.firmante or self.clave)


def _armar(proveedor: Proveedor, emisor: str) -> Flask:
    app, proveedor.emisor = Flask("proveedor"), emisor

    @app.get("/.well-known/openid-configuration")
    def publicar() -> object:
        return jsonify(
            issuer=emisor,
            authorization_endpoint=f"{emisor}/autorizar",
            token_endpoint=f"{emisor}/ficha",
            jwks_uri=f"{emisor}/claves",
            id_token_signing_alg_values_supported=["RS256"],
        )

    @app.get("/claves")
    def claves() -> object:
        return jsonify(keys=[proveedor.clave.as_dict(private=False)])

    @app.get("/autorizar")
    def autorizar() -> object:
        pedido = request.args.to_dict()
        if pedido.get("code_challenge_method") != "S256" or pedido.get("client_id") != CLIENTE or not pedido.get("nonce"):
            abort(400)
        codigo = secrets.token_urlsafe(8)
        proveedor.pedidos[codigo] = pedido
        return redirect(f"{pedido['redirect_uri']}?{urlencode({'code': codigo, 'state': pedido['state']})}")

    @app.post("/ficha")
    def dar_ficha() -> object:
        pedido = proveedor.pedidos.pop(request.form["code"], None)
        reto = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
        clave = base64.b64encode(f"{CLIENTE}:{SECRETO}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {clave}" or pedido is None:
            proveedor.fallas.append("cliente o código")
            return jsonify(error="invalid_grant"), 400
        if base64.urlsafe_b64encode(reto).rstrip(b"=").decode() != pedido["code_challenge"]:
            proveedor.fallas.append("PKCE")
            return jsonify(error="invalid_grant"), 400
        dada = {"access_token": "x", "token_type": "Bearer"}
        return jsonify(dada if proveedor.sin_ficha else dada | {"id_token": proveedor.ficha(pedido["nonce"])})

    return app


@contextmanager
def atender() -> Iterator[Proveedor]:
    """El proveedor, atendiendo en un puerto libre."""
    proveedor = Proveedor()
    with servir(lambda direccion: _armar(proveedor, direccion)):
        yield proveedor
