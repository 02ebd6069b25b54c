# The sandbox as one file on Node. Nothing else is installed.
FROM node:24-alpine AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY scripts scripts
COPY src src
RUN npm run build:standalone

FROM node:24-alpine
WORKDIR /app
COPY --from=build /build/standalone/alipay-hk-sandbox.mjs ./
USER node
ENV SANDBOX_HOST=0.0.0.0
EXPOSE 8852
HEALTHCHECK --interval=5s --timeout=5s --start-period=5s --retries=5 CMD ["node", "/app/alipay-hk-sandbox.mjs", "ready"]
ENTRYPOINT ["node", "/app/alipay-hk-sandbox.mjs"]
