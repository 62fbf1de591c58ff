"""What a worker logs in with at each end, whom it believes there, and who makes the Secrets with that."""

from __future__ import annotations

from kafka_mirror.planning import (
    CertificateLogin,
    FlowPlan,
    PasswordLogin,
    PasswordSecret,
    Trust,
    UserProof,
)
from kafka_mirror.topology import SiteName, UserName
from tests.planning.plans import planned, two_stacks
from tests.topology.configurations import (
    Configuration,
    changed,
    two_sites,
    with_certificates,
    with_cloud,
)

FLOW = ("flows", "dev-to-stg")


def flow(configuration: Configuration, name: str = "dev-to-stg") -> FlowPlan:
    return next(one for one in planned(configuration).flows if one.name == name)


def test_beside_a_site_its_own_secrets_do_and_away_from_it_the_flow_makes_them() -> None:
    found = flow(two_sites())

    assert found.target.login == PasswordLogin(
        mechanism="scram-sha-512",
        username="writer",
        password=PasswordSecret(secret="writer-password", key="password", is_made=False),
    )
    assert found.target.trust == Trust(secret="k-stg-cluster-ca-cert")
    assert found.source.login == PasswordLogin(
        mechanism="scram-sha-512",
        username="reader",
        password=PasswordSecret(
            secret="dev-to-stg-source-credential", key="password", is_made=True
        ),
    )
    assert found.source.trust == Trust(secret="dev-to-stg-source-trust", is_made=True)


def test_a_password_of_others_is_used_from_their_secret_at_every_site() -> None:
    held = {"secret": "from-vault", "key": "secret"}
    configuration = changed(two_sites(), "users", "producer", "password", to=held)
    configuration["users"]["reader"]["password"] = held

    plan = planned(configuration)

    theirs = PasswordSecret(secret="from-vault", key="secret", is_made=False)
    at_source = {one.name: one.proof for one in plan.sites[SiteName("dev")].users}
    at_target = {one.name: one.proof for one in plan.flows[0].replicated_users}
    assert at_source[UserName("producer")].password == theirs
    assert at_target[UserName("producer")].password == theirs
    assert isinstance(plan.flows[0].source.login, PasswordLogin)
    assert plan.flows[0].source.login.password == theirs


def test_another_stack_learns_in_whose_secret_a_password_is() -> None:
    configuration, elsewhere = two_stacks(password={"secret": "from-vault"})

    login = planned(configuration, elsewhere).flows[0].source.login

    assert isinstance(login, PasswordLogin)
    assert login.password.secret == "from-vault"


def test_a_password_of_the_operator_is_written_by_the_stack_where_the_user_is_replicated() -> None:
    configuration = changed(two_sites(), "users", "producer", "password", to="operator")

    plan = planned(configuration)

    at_source = {one.name: one.proof for one in plan.sites[SiteName("dev")].users}
    at_target = {one.name: one.proof for one in plan.flows[0].replicated_users}
    assert at_source[UserName("producer")].is_by_operator
    assert at_target[UserName("producer")].password == PasswordSecret(
        secret="producer-password", key="password", is_made=True
    )


def test_beside_its_site_a_flow_takes_the_password_from_where_the_operator_put_it() -> None:
    configuration = changed(two_sites(), "users", "writer", "password", to="operator")

    login = flow(configuration).target.login

    assert isinstance(login, PasswordLogin)
    assert login.password == PasswordSecret(secret="writer", key="password", is_made=False)


def test_a_flow_to_an_external_site_runs_beside_its_source() -> None:
    found = flow(with_cloud(), "up")

    assert (found.place.site, found.place.namespace) == ("dev", "kafka-dev")
    assert found.source.trust == Trust(secret="k-dev-cluster-ca-cert")
    assert found.target.trust == Trust()
    assert found.target.login == PasswordLogin(
        mechanism="plain",
        username="token",
        password=PasswordSecret(secret="cloud-key", key="api-key", is_made=False),
    )


def test_what_a_flow_makes_at_an_external_site_has_the_brokers_copies_unless_some_are_stated() -> (
    None
):
    assert flow(with_cloud(), "up").replication_factor == -1
    assert flow(with_cloud(replicationFactor=3), "up").replication_factor == 3


def test_the_owner_of_an_external_site_is_asked_for_what_its_user_needs() -> None:
    found = flow(with_cloud(), "up")

    assert "Read on every group" in map(str, found.target.asks)
    assert "Alter, AlterConfigs, Create, Read, Write on topic 'dev.items'" in map(
        str, found.target.asks
    )
    assert found.source.asks == ()


def test_certificates_of_an_external_site_are_trusted_all_at_once() -> None:
    tls = {"secret": "corp-ca"}
    assert flow(with_cloud(tls=tls), "up").target.trust == Trust(secret="corp-ca", key="*.crt")

    tls["key"] = "root.pem"
    assert flow(with_cloud(tls=tls), "up").target.trust == Trust(secret="corp-ca", key="root.pem")

    assert flow(with_cloud(tls=False), "up").target.trust is None


def test_a_user_of_an_external_site_may_show_a_certificate() -> None:
    configuration = with_cloud(authentication="tls")
    configuration["users"]["key"] = {"sites": ["cloud"], "certificate": {"secret": "issued"}}

    assert flow(configuration, "up").target.login == CertificateLogin(
        secret="issued", certificate="tls.crt", key="tls.key", is_issued=False
    )


def test_no_private_key_crosses_for_the_operator_beside_the_flow_issues_a_certificate() -> None:
    found = flow(with_certificates())

    assert found.source.login == CertificateLogin(
        secret="reader", certificate="user.crt", key="user.key", is_issued=True
    )
    reader = next(one for one in found.replicated_users if one.name == "reader")
    assert reader.rights == ()
    assert reader.proof == UserProof(authentication="tls")


def test_two_flows_of_one_user_have_its_certificate_issued_once() -> None:
    configuration = with_certificates()
    configuration["users"]["reader"]["access"][0]["topics"].append("orders")
    configuration["users"]["writer"]["access"].append({"role": "mirror-target", "flow": "second"})
    configuration["flows"]["second"] = {
        "source": {"site": "dev", "user": "reader"},
        "target": {"site": "stg", "user": "writer"},
        "naming": "identity",
        "topics": ["orders"],
    }

    brought = [[user.name for user in one.replicated_users] for one in planned(configuration).flows]

    assert brought == [["producer", "consumer", "reader"], []]


def test_a_flow_that_runs_elsewhere_leaves_it_to_the_next_to_have_a_certificate_issued() -> None:
    configuration = with_certificates()
    here = configuration["flows"]["dev-to-stg"]
    topics = configuration["users"]["reader"]["access"][0]["topics"]
    topics.append("other")
    held = {"authentication": "tls-external", "certificate": {"secret": "writer-certificate"}}
    access = [{"role": "mirror-target", "flow": "elsewhere"}]
    configuration["users"]["outsider"] = {"sites": ["stg"], "access": access, **held}
    elsewhere = {**here, "topics": ["other"], "replicatedUsers": [], "runsIn": {"site": "dev"}}
    elsewhere["target"] = {"site": "stg", "user": "outsider"}
    configuration["flows"] = {"elsewhere": elsewhere, "dev-to-stg": here}

    issued = {user.name for user in flow(configuration).replicated_users}

    assert "reader" in issued
    assert flow(configuration, "elsewhere").replicated_users == ()


def test_a_flow_takes_the_listener_that_asks_for_what_its_user_has() -> None:
    configuration = with_certificates()
    listeners = configuration["sites"]["dev"]["kafka"]["listeners"]
    listeners.append(
        {"name": "scram", "port": 9095, "type": "route", "authentication": "scram-sha-512"}
    )
    configuration["users"]["reader"]["authentication"] = "scram-sha-512"

    assert flow(configuration).source.listener == "scram"


def test_an_external_site_is_described_to_others_without_its_users_secrets() -> None:
    described = planned(with_cloud()).described(SiteName("cloud"))

    assert described["operator"] is None
    assert described["listeners"]["external"]["bootstrapServers"] == (
        "a.example.com:9093,b.example.com:9093"
    )
    assert described["users"]["key"]["secret"] == {"secret": "cloud-key", "key": "api-key"}
    assert list(described["flows"]) == ["up"]
