FROM node:26.10.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY apps/api/package.json apps/api/
COPY packages/command-line/package.json packages/command-line/
COPY packages/evaluator/package.json packages/evaluator/
COPY packages/model/package.json packages/model/
COPY packages/schema/package.json packages/schema/
COPY packages/settings/package.json packages/settings/
RUN npx -y pnpm@12.21.0 install --prod --frozen-lockfile --filter "@sepal/api..."
# Of ONNX Runtime's builds one fits, and nothing reads maps and declarations.
RUN find node_modules/.pnpm -path '*/onnxruntime-node/bin/*' -type f \
      ! -path "*/linux/$(node -p process.arch)/*" -delete \
    && find node_modules/.pnpm -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM node:26.10.0-bookworm-slim AS api
# A folder of models of one's own is mounted in the place of these: docker run -v ./models:/models
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000 MODELS_DIR=/models
# The workspace keeps its layout: Node strips types only outside node_modules.
WORKDIR /app
COPY --from=dependencies /app ./
COPY packages/command-line/src packages/command-line/src
COPY packages/schema/src packages/schema/src
COPY packages/settings/src packages/settings/src
COPY packages/evaluator/src packages/evaluator/src
COPY packages/model/src packages/model/src
COPY apps/api/src apps/api/src
COPY models /models
COPY deploy/init.sh ./
# DATA_DIR: for any user, as a volume that is mounted here takes its mode from it.
RUN mkdir -m 1777 .data
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG SOURCE=""
LABEL org.opencontainers.image.title="Sepal" \
      org.opencontainers.image.description="Serves tabular ONNX models over REST, tRPC and the Open Inference Protocol" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.source="$SOURCE" \
      org.opencontainers.image.base.name="docker.io/library/node:26.10.0-bookworm-slim"
# Numeric, so that Kubernetes can tell that it is not root.
USER 1000:1000
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["sh", "init.sh"]
CMD ["node", "--single-threaded-gc", "apps/api/src/main.ts"]
