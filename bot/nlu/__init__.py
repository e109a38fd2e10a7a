"""From text to intent and entities: one component a module, composed by `config.yml`."""
