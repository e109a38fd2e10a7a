"""The helpdesk's testing console: why the assistant answered so, corrections, proofs, publication, figures."""
