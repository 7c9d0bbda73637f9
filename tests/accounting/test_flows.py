"""The flows of a balance: what comes to a node leaves it, to the gram."""

import pytest

from dualcarbon.accounting.balance import read_balance
from dualcarbon.accounting.flows import make_flows, to_json
from dualcarbon.errors import InputError

SMALL = [
    (2, "raw_coal", 100),
    (4, "raw_coal", 20),
    (10, "raw_coal", -5),
    (12, "raw_coal", -60),
    (23, "raw_coal", 50),
    (12, "electricity", 18),
    (20, "electricity", 1),
    (23, "electricity", 10),
    (29, "electricity", 7.5),
]
CIRCLE = [
    (2, "raw_coal", 100),
    (15, "raw_coal", -100),
    (15, "coke_oven_gas", 10),
    (12, "coke_oven_gas", -10),
    (12, "electricity", 5),
    (15, "electricity", -2),
    (23, "electricity", 3),
]


def flows_of(path, tools, by="group", year=2023):
    table = read_balance(path, tools.layout, tools.carriers, year=year)
    one = table.select(table.provinces[0], year)
    return make_flows(one, tools.pack, tools.layout, tools.carriers, by)


def assert_closed(flows):
    for node, kind in flows.nodes.items():
        if kind in ("carrier", "transformation"):
            assert flows.sum(source=node) == flows.sum(target=node), node
    assert all(flow.grams > 0 for flow in flows.flows)


def test_a_small_balance(long, tools):
    flows = flows_of(long(SMALL), tools, "carrier")
    coal = 0.7143e10  # grams of standard coal in 10^4 t
    assert flows.sum(source="production", target="carrier:raw_coal") == round(100 * coal)
    assert flows.sum(source="carrier:raw_coal", target="stock_out") == round(5 * coal)
    assert flows.sum(source="thermal_power", target="carrier:electricity") == round(18 * 1.229e10)
    lost = round(60 * coal) - round(18 * 1.229e10)
    assert flows.sum(source="thermal_power", target="conversion_loss") == lost
    assert flows.sum(source="carrier:raw_coal", target="difference") == round(5 * coal)
    assert flows.sum(source="difference_in", target="carrier:electricity") == round(0.5 * 1.229e10)
    assert_closed(flows)


@pytest.mark.parametrize("by", ["group", "carrier"])
def test_eight_real_balances_close_in_every_node(real, tools, by):
    for province in real.provinces:
        flows = make_flows(real.select(province), tools.pack, tools.layout, tools.carriers, by)
        assert_closed(flows)
        assert flows.flows


def test_transformations_in_a_circle_are_drawn_as_one(long, tools):
    flows = flows_of(long(CIRCLE), tools, "carrier")
    assert flows.merged
    assert "thermal_power" not in flows.nodes
    assert_closed(flows)


def test_subtotals_are_in_no_flow(long, tools):
    plain = flows_of(long([(2, "raw_coal", 5), (23, "raw_coal", 5)]), tools)
    cells = [(2, "raw_coal", 5), (23, "raw_coal", 5), (2, "coal_total", 5), (23, "coal_total", 5)]
    assert flows_of(long(cells, "twice.csv"), tools).flows == plain.flows


def test_a_table_of_nothing_is_refused(long, tools):
    with pytest.raises(InputError):
        flows_of(long([(2, "coal_total", 5)]), tools)


def test_the_answer_names_every_node_in_both_languages(long, tools):
    answer = to_json(flows_of(long(SMALL), tools), tools.layout, tools.carriers)
    ids = {node["id"] for node in answer["nodes"]}
    assert {flow[end] for flow in answer["flows"] for end in ("source", "target")} == ids
    assert all(node["name_zh"] and node["name_en"] for node in answer["nodes"])
