# The program for production; docs/deploying.md explains it. test/image/ runs these steps without Docker.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Optional packages are the embedded Postgres of a sandbox and native parts of developers' tools.
RUN npm ci --omit=optional
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build.js scripts/
COPY bin bin
COPY machines machines
COPY src src
RUN node scripts/build.js
RUN npm prune --omit=dev --omit=optional

FROM node:24-bookworm-slim
ENV NODE_ENV=production PORT=3000
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/bin bin
COPY --from=build /app/dist dist
COPY --from=build /app/src/http/assets src/http/assets
COPY --from=build /app/src/db/migrations src/db/migrations
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/auto-ticketing.js"]
CMD ["web"]
