"""The sandbox's bank: takes batches, answers, keeps an account with statements."""
