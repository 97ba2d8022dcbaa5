from tools import layers


def test_the_table_of_layers_is_that_of_the_records():
    assert layers.PAGE.read_text("utf-8") == layers.page()
