#!/bin/sh
# Prints the namespace of a site and the Secrets of its clients CA, for `kubectl apply -f -`:
#
#   sh clients-ca.sh KAFKA NAMESPACE DIRECTORY
#
# The authority is ca.crt and ca.key in the directory, made by openssl if they are not there yet. Give the same one for each site
# that is to take the same users, then put ca.key away: whoever has it can be any user.
set -eu

kafka=$1 namespace=$2 directory=${3:-.}

if [ ! -e "$directory/ca.key" ]; then
  umask 077
  mkdir -p "$directory"
  openssl req -x509 -newkey rsa:4096 -nodes -days 3650 \
    -subj '/O=io.strimzi/CN=clients of all sites' -keyout "$directory/ca.key" -out "$directory/ca.crt" 2>/dev/null
fi

cat <<END
apiVersion: v1
kind: Namespace
metadata: {name: $namespace}
---
apiVersion: v1
kind: Secret
metadata:
  name: $kafka-clients-ca-cert
  namespace: $namespace
  labels: {strimzi.io/kind: Kafka, strimzi.io/cluster: $kafka}
  annotations: {strimzi.io/ca-cert-generation: "0"}
data:
  ca.crt: $(base64 <"$directory/ca.crt" | tr -d '\n')
---
apiVersion: v1
kind: Secret
metadata:
  name: $kafka-clients-ca
  namespace: $namespace
  labels: {strimzi.io/kind: Kafka, strimzi.io/cluster: $kafka}
  annotations: {strimzi.io/ca-key-generation: "0"}
data:
  ca.key: $(base64 <"$directory/ca.key" | tr -d '\n')
END
