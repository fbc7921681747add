# The service in a container: non-root, hashed dependencies, data under /var/lib/ler-issuer.
FROM python:3.11-slim AS build
WORKDIR /build
COPY requirements.txt ./
RUN python -m venv /opt/ler-issuer \
    && /opt/ler-issuer/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY contexts contexts
COPY migrations migrations
COPY src src
RUN /opt/ler-issuer/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim
RUN groupadd --system --gid 10001 ler \
    && useradd --system --uid 10001 --gid ler --home-dir /var/lib/ler-issuer --create-home ler
COPY --from=build /opt/ler-issuer /opt/ler-issuer
ENV PATH=/opt/ler-issuer/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    LER_DATABASE_URL=sqlite:////var/lib/ler-issuer/ler-issuer.sqlite
USER ler
WORKDIR /var/lib/ler-issuer
VOLUME /var/lib/ler-issuer
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
CMD ["ler-issuer", "serve", "--host", "0.0.0.0", "--port", "8000"]
