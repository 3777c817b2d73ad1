"""The types of fields that a caller supplies: what a value is, and the check that it passes."""

from __future__ import annotations

from typing import Annotated, Any

from radarr_db import checks
from radarr_db.checks import INT4, INT8, document, imdb_id, integer, items, member, number, path, text, year
from radarr_db.models import documents, enums
from radarr_db.sealed import ApiKey, ClientPassword

Id = Annotated[int, integer(1, INT8)]
TmdbId = Annotated[int, integer(1, INT4)]
ImdbId = Annotated[str, imdb_id]
Year = Annotated[int, year]
Minutes = Annotated[int, integer(0, INT4)]
Count = Annotated[int, integer(0, INT4)]
BigCount = Annotated[int, integer(0, INT8)]
# A pebibyte: the sum over a library still fits into the server's integers.
Bytes = Annotated[int, integer(0, 2**50)]
Priority = Annotated[int, integer(1, 50)]
Port = Annotated[int, integer(1, 65535)]
Percent = Annotated[float, number(0, 100)]

Name = Annotated[str, text(200)]
GroupName = Annotated[str, text(100)]
Title = Annotated[str, text(500)]
ReleaseTitle = Annotated[str, text(1000)]
DownloadId = Annotated[str, text(200)]
ShortText = Annotated[str, text(1000, empty=True)]
LongText = Annotated[str, text(100_000, empty=True)]
Path = Annotated[str, path()]
RelativePath = Annotated[str, path(relative=True)]
Titles = Annotated[list[str], items(text(500))]
Labels = Annotated[list[str], items(text(200))]

Status = Annotated[enums.MovieStatus | str, member(enums.MovieStatus)]
MinimumAvailability = Annotated[enums.Availability | str, member(enums.Availability)]
QualityName = Annotated[enums.Quality | str, member(enums.Quality)]
ResolutionName = Annotated[enums.Resolution | str, member(enums.Resolution)]
Tier = Annotated[enums.QualityTier | str, member(enums.QualityTier)]
ConfidenceLevel = Annotated[enums.Confidence | str, member(enums.Confidence)]
ProtocolName = Annotated[enums.Protocol | str, member(enums.Protocol)]
QueueState = Annotated[enums.QueueStatus | str, member(enums.QueueStatus)]
Event = Annotated[enums.EventType | str, member(enums.EventType)]

Metadata = Annotated[documents.MovieMetadata, document(dict)]
Analysis = Annotated[documents.GroupAnalysis, document(dict)]
JsonObject = Annotated[dict[str, Any], document(dict)]
JsonArray = Annotated[list[Any], document(list)]

SealedApiKey = Annotated[ApiKey, checks.sealed(ApiKey)]
SealedPassword = Annotated[ClientPassword, checks.sealed(ClientPassword)]
Settings = Annotated[list[Any], checks.fields]
