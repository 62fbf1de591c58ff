"""The versions of every real part of the lab; the names of cache directories hold them."""

from __future__ import annotations

KUBERNETES = "1.36.3"
ETCD = "3.7.3"
KAFKA = "4.3.1"
SCALA = "2.13"
STRIMZI = "1.2.0"
# Kafka brings slf4j-api 1.7, whose log4j binding is log4j-slf4j-impl (log4j-slf4j2-impl is for slf4j 2).
LOG4J = "2.25.1"
JMX_EXPORTER = "1.0.1"
