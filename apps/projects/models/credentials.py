"""Credentials for git hosts. Secrets are tokens whose key never was in the database."""

from django.db import models
from django.utils import timezone

from apps.core.fields import Index, closed_list


class ProfileType(models.TextChoices):
    SSH_KEY = "ssh_key"
    PAT_TOKEN = "pat_token"  # noqa: S105  a kind of login
    NETRC = "netrc"


class TokenProvider(models.TextChoices):
    GITHUB = "github"
    GITLAB = "gitlab"
    BITBUCKET = "bitbucket"
    GITEA = "gitea"
    OTHER = "other"


class ValidationStatus(models.TextChoices):
    UNKNOWN = "unknown"
    VALID = "valid"
    INVALID = "invalid"
    EXPIRED = "expired"


class AuthProfile(models.Model):
    """A way to log in at a git host: SSH key, access token or netrc entry."""

    profile_id = models.TextField(primary_key=True)
    profile_name = models.TextField(unique=True)
    profile_type = models.TextField(choices=ProfileType)
    ssh_key_path = models.TextField(null=True, blank=True)
    ssh_passphrase_encrypted = models.TextField(null=True, blank=True)
    token_encrypted = models.TextField(null=True, blank=True)
    token_provider = models.TextField(choices=TokenProvider, null=True, blank=True)
    token_scopes = models.JSONField(null=True, blank=True)
    netrc_machine = models.TextField(null=True, blank=True)
    netrc_login = models.TextField(null=True, blank=True)
    netrc_password_encrypted = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    updated_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    last_validated_at = models.DateTimeField(null=True, blank=True)
    validation_status = models.TextField(
        choices=ValidationStatus, null=True, blank=True, default=ValidationStatus.UNKNOWN
    )
    validation_message = models.TextField(null=True, blank=True)
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "auth_profiles"
        constraints = [
            closed_list("profile_type", ProfileType, "auth_profiles_profile_type_check"),
            closed_list("token_provider", TokenProvider, "auth_profiles_token_provider_check"),
            closed_list("validation_status", ValidationStatus, "auth_profiles_validation_status_check"),
        ]
        indexes = [
            Index(
                fields=["token_provider"],
                name="idx_auth_profiles_provider",
                condition=models.Q(token_provider__isnull=False),
            ),
            Index(fields=["validation_status"], name="idx_auth_profiles_status"),
            Index(fields=["profile_type"], name="idx_auth_profiles_type"),
        ]

    def __str__(self) -> str:
        return self.profile_name


class GitOperation(models.TextChoices):
    CLONE = "clone"
    PULL = "pull"
    PUSH = "push"
    VALIDATE = "validate"


class UsageStatus(models.TextChoices):
    SUCCESS = "success"
    FAILURE = "failure"


class AuthProfileUsage(models.Model):
    """One use of a credential."""

    usage_id = models.BigAutoField(primary_key=True)
    profile = models.ForeignKey(AuthProfile, on_delete=models.CASCADE, db_index=False)
    repo_id = models.TextField(null=True, blank=True)
    operation = models.TextField(choices=GitOperation)
    status = models.TextField(choices=UsageStatus)
    error_message = models.TextField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "auth_profile_usage"
        verbose_name = "use of an auth profile"
        verbose_name_plural = "uses of auth profiles"
        constraints = [
            closed_list("operation", GitOperation, "auth_profile_usage_operation_check"),
            closed_list("status", UsageStatus, "auth_profile_usage_status_check"),
        ]
        indexes = [
            Index(fields=["profile", "-used_at"], name="idx_auth_profile_usage_profile"),
            Index(
                fields=["repo_id", "-used_at"],
                name="idx_auth_profile_usage_repo",
                condition=models.Q(repo_id__isnull=False),
            ),
            Index(fields=["status", "-used_at"], name="idx_auth_profile_usage_status"),
        ]

    def __str__(self) -> str:
        return f"{self.operation}: {self.status}"


class KeyType(models.TextChoices):
    MASTER = "master"
    DERIVED = "derived"


class EncryptionKey(models.Model):
    """A wrapped key."""

    key_id = models.TextField(primary_key=True)
    key_type = models.TextField(choices=KeyType)
    key_encrypted = models.BinaryField()
    salt = models.BinaryField(null=True, blank=True)
    algorithm = models.TextField(db_default="AES-256-GCM")
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    rotated_at = models.DateTimeField(null=True, blank=True)
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "encryption_keys"
        constraints = [
            closed_list("key_type", KeyType, "encryption_keys_key_type_check"),
        ]
        indexes = [
            Index(fields=["key_type"], name="idx_encryption_keys_type"),
        ]

    def __str__(self) -> str:
        return self.key_id
