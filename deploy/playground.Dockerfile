FROM node:26.10.0-bookworm-slim AS build
WORKDIR /app
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY apps/web/package.json apps/web/
COPY apps/api/package.json apps/api/
COPY packages/client/package.json packages/client/
COPY packages/evaluator/package.json packages/evaluator/
COPY packages/model/package.json packages/model/
COPY packages/schema/package.json packages/schema/
COPY packages/settings/package.json packages/settings/
# The server's packages are asked for by types alone, which a build does not read.
RUN npx -y pnpm@12.21.0 install --frozen-lockfile --filter "@sepal/web" --filter "@sepal/client" --filter "@sepal/evaluator" --filter "@sepal/schema" --filter "@sepal/settings"
COPY tsconfig.base.json ./
COPY packages/client/src packages/client/src
COPY packages/evaluator/src packages/evaluator/src
COPY packages/schema/src packages/schema/src
COPY packages/settings/src packages/settings/src
COPY apps/web apps/web
RUN NEXT_TELEMETRY_DISABLED=1 node apps/web/main.ts build && rm -rf apps/web/.next/cache

FROM node:26.10.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY apps/web/package.json apps/web/
COPY packages/client/package.json packages/client/
COPY packages/evaluator/package.json packages/evaluator/
COPY packages/schema/package.json packages/schema/
COPY packages/settings/package.json packages/settings/
RUN npx -y pnpm@12.21.0 install --prod --frozen-lockfile --filter "@sepal/web" --filter "@sepal/schema" --filter "@sepal/settings"
# Nothing reads maps.
RUN find node_modules/.pnpm -name '*.map' -type f -delete

FROM node:26.10.0-bookworm-slim AS playground
ENV NODE_ENV=production WEB_HOST=0.0.0.0 WEB_PORT=3000
WORKDIR /app
COPY --from=dependencies /app ./
COPY --from=build /app/apps/web/.next apps/web/.next
COPY packages/schema/src packages/schema/src
COPY apps/web/main.ts apps/web/server.ts apps/web/next.config.ts apps/web/
COPY apps/web/src/settings.ts apps/web/src/trusted-proxies.ts apps/web/src/
COPY apps/web/src/lib/path-prefix.ts apps/web/src/lib/
COPY apps/web/src/server apps/web/src/server
COPY packages/settings/src packages/settings/src
COPY loadtest/reports loadtest/reports
COPY deploy/init.sh ./
USER 1000:1000
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.WEB_PORT}/icon.svg`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["sh", "init.sh"]
CMD ["node", "apps/web/main.ts", "start"]
