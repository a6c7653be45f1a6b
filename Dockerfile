# One image for the API and the worker; the command decides which it is. Built by: docker build -t registry.example.com/sync:0.1.0 .
FROM node:20.20.2-bookworm AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# the npm of this image knows nothing of `allowScripts`: install scripts run for those alone that package.json allows
RUN npm ci --ignore-scripts \
  && npm rebuild $(node -p "Object.entries(require('./package.json').allowScripts).filter(([, is]) => is).map(([name]) => name).join(' ')")
COPY tsconfig.json ./
COPY scripts ./scripts
COPY src ./src
COPY workflows ./workflows
COPY activities ./activities
COPY db ./db
# the user of the image reads it, whatever the rights of the files that were copied
RUN node scripts/build.mjs && npm prune --omit=dev --ignore-scripts && chmod -R a+rX dist package.json

FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
# by them Temporal's client knows a server whose certificate a public authority has signed: it reads the system's, not those of Node.js
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER node
EXPOSE 3000
CMD ["node", "--enable-source-maps", "dist/src/api/main.js"]
