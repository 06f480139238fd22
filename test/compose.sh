#!/usr/bin/env bash
# Starts one vendor's server in Docker and runs the tests of connections and engines on it: test/compose.sh mysql 8.0
set -euo pipefail
cd "$(dirname "$0")/.."
service=$1 tag=$2
declare -A variable=([postgres]=POSTGRES_TAG [mysql]=MYSQL_TAG [mongo]=MONGO_TAG [sqlserver]=MSSQL_TAG)
declare -A address=(
  [postgres]="DTS_CUTOVER_TEST_POSTGRES_URL=postgres://postgres:cutover-Test1@127.0.0.1:15432/postgres"
  [mysql]="DTS_CUTOVER_TEST_MYSQL_URL=mysql://root:cutover-Test1@127.0.0.1:13306"
  [mongo]="DTS_CUTOVER_TEST_MONGODB_URL=mongodb://root:cutover-Test1@127.0.0.1:17017/?authSource=admin&directConnection=true"
  [sqlserver]="DTS_CUTOVER_TEST_SQLSERVER_URL=sqlserver://sa:cutover-Test1@127.0.0.1:11433?encrypt=true&trustServerCertificate=true"
)
[ -n "${variable[$service]:-}" ] || { echo "No such server: $service. Known are ${!variable[*]}." >&2; exit 2; }
export "${variable[$service]}=$tag" "${address[$service]}"
trap 'docker compose -f test/compose.yaml down --volumes' EXIT
docker compose -f test/compose.yaml up --wait "$service"
npm test -- contract engines
